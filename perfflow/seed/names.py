"""Names of the synthetic firm: surnames and given names with their pinyin, inside the package."""

from __future__ import annotations

from perfflow.seed.streams import Stream


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """``王:Wang 李:Li`` as pairs."""
    split = (word.partition(":") for word in text.split())
    return tuple((chinese, english) for chinese, _, english in split)


SURNAMES = _pairs(
    """
    王:Wang 李:Li 张:Zhang 刘:Liu 陈:Chen 杨:Yang 赵:Zhao 黄:Huang 周:Zhou 吴:Wu 徐:Xu 孙:Sun
    胡:Hu 朱:Zhu 高:Gao 林:Lin 何:He 郭:Guo 马:Ma 罗:Luo 梁:Liang 宋:Song 郑:Zheng 谢:Xie
    韩:Han 唐:Tang 冯:Feng 于:Yu 董:Dong 萧:Xiao 程:Cheng 曹:Cao 袁:Yuan 邓:Deng 许:Xu 傅:Fu
    沈:Shen 曾:Zeng 彭:Peng 吕:Lü 苏:Su 卢:Lu 蒋:Jiang 蔡:Cai 贾:Jia 丁:Ding 魏:Wei 薛:Xue
    叶:Ye 阎:Yan 余:Yu 潘:Pan 杜:Du 戴:Dai 夏:Xia 钟:Zhong 汪:Wang 田:Tian 任:Ren 姜:Jiang
    范:Fan 方:Fang 石:Shi 姚:Yao 谭:Tan 廖:Liao 邹:Zou 熊:Xiong 金:Jin 陆:Lu 顾:Gu
    """
)
FIRST = _pairs(
    """
    知:zhi 明:ming 思:si 雨:yu 子:zi 文:wen 嘉:jia 晓:xiao 建:jian 志:zhi 永:yong 春:chun 雅:ya
    静:jing 海:hai 俊:jun 伟:wei 佳:jia 若:ruo 书:shu 安:an 慧:hui 立:li 景:jing 云:yun 清:qing
    以:yi 锦:jin 念:nian 承:cheng 亦:yi 少:shao 梦:meng 泽:ze 宇:yu 欣:xin
    """
)
SECOND = _pairs(
    """
    夏:xia 川:chuan 远:yuan 涵:han 轩:xuan 琪:qi 华:hua 宁:ning 安:an 国:guo 强:qiang 芳:fang
    敏:min 杰:jie 磊:lei 洋:yang 勇:yong 娟:juan 涛:tao 超:chao 霞:xia 平:ping 辉:hui 玲:ling
    桂:gui 然:ran 舟:zhou 航:hang 颖:ying 婷:ting 博:bo 瑶:yao 晨:chen 卓:zhuo 彤:tong 哲:zhe
    """
)
BRANCHES = _pairs(
    """
    东湖:Donghu 滨江:Binjiang 中山:Zhongshan 天河:Tianhe 南山:Nanshan 海淀:Haidian 徐汇:Xuhui
    鼓楼:Gulou 西湖:Xihu 锦江:Jinjiang 江汉:Jianghan 和平:Heping 市南:Shinan 思明:Siming
    渝中:Yuzhong 岳麓:Yuelu 庐阳:Luyang 历下:Lixia 金水:Jinshui 雁塔:Yanta
    """
)


def person_name(stream: Stream) -> tuple[str, str]:
    """A Chinese name and its pinyin: ``("沈知夏", "Shen Zhixia")``."""
    surname = SURNAMES[stream.index(len(SURNAMES))]
    first = FIRST[stream.index(len(FIRST))]
    second = SECOND[stream.index(len(SECOND))]
    has_second = stream.chance(0.85)
    if not has_second or second[0] == first[0]:
        return surname[0] + first[0], f"{surname[1]} {first[1].capitalize()}"
    given = (first[1] + second[1]).capitalize()
    return surname[0] + first[0] + second[0], f"{surname[1]} {given}"


def branch_name(number: int) -> tuple[str, str]:
    """The name of branch ``number`` (from 1) in both languages."""
    chinese, english = BRANCHES[(number - 1) % len(BRANCHES)]
    lap = (number - 1) // len(BRANCHES)
    suffix = f"{lap + 1}" if lap else ""
    return f"{chinese}支行{suffix}", f"{english} branch {suffix}".strip()
